# Runs a command whose life hangs on our standard input: sshd closes it when the channel ends, for whatever reason.
stream() {
    exec 3<&0
    setsid sh -c "$1" </dev/null 3<&- &
    command=$!
    (read -r _ <&3; kill -TERM "-$command") >/dev/null 2>&1 &
    guard=$!
    exec 3<&- </dev/null
    wait "$command"
    status=$?
    kill "$guard" 2>/dev/null
    exit "$status"
}
