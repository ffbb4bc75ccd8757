# Runs one Kafka node and never outlives the test process. Arguments: DIR CLUSTER_ID JAVA LIBS HEAP.
#
# Standard input is a pipe from the test: each line is a signal for the node, and is answered with a
# line once sent. When the pipe ends, because the test is done or was killed, the node dies and DIR goes.
dir=$1 cluster=$2 java=$3 libs=$4 heap=$5
exec 3<&0 </dev/null

kafka() {
    "$java" -Dlog4j2.configurationFile="$dir/log4j2.properties" -XX:TieredStopAtLevel=1 -cp "$libs/*" "$@"
}

node() {
    [ -e "$dir/data/meta.properties" ] ||
        kafka -Xmx128m kafka.tools.StorageTool format -t "$cluster" -c "$dir/server.properties" || exit 1
    exec "$java" -Dlog4j2.configurationFile="$dir/log4j2.properties" -XX:TieredStopAtLevel=1 \
        -Xms"$heap" -Xmx"$heap" -Xss512k -XX:MaxDirectMemorySize=256m -XX:+UseSerialGC \
        -XX:+ExitOnOutOfMemoryError -cp "$libs/*" kafka.Kafka "$dir/server.properties"
}
node >>"$dir/log" 2>&1 3<&- &
node=$!

{
    while read -r signal; do
        kill -s "$signal" "$node"
        echo "$signal"
    done
    : >"$dir/over"
    kill -s KILL "$node"
} <&3 2>/dev/null &
watch=$!
exec 3<&- >/dev/null

wait "$node"
if [ -e "$dir/over" ]; then
    umount --lazy "$dir" 2>/dev/null # a disk of its own
    rm -rf "$dir" || { sleep 1 && rm -rf "$dir"; }
    rmdir "$(dirname "$dir")" 2>/dev/null
else
    kill "$watch"
fi
