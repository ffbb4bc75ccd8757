# Runs one gate and never outlives the test process. Arguments: the command and its own arguments.
#
# Standard input is a pipe from the test: each line is a signal for the gate. When the pipe ends,
# because the test is done or was killed, the gate dies. The exit code is the gate's.
exec 3<&0 </dev/null
"$@" 3<&- &
gate=$!
{
    while read -r signal; do
        kill -s "$signal" "$gate"
    done
    kill -s KILL "$gate"
} <&3 >/dev/null 2>&1 &
watch=$!
exec 3<&-

wait "$gate"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
