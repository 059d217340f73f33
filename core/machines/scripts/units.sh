# Does to systemd's units what standard input says, one a line: VERB UNIT…, and in the end shows the units of "show".
# Verbs are systemctl's own. A verb that fails does not stop the rest: what matters is the state that is shown.
LC_ALL=C
export LC_ALL
set -f
while read -r verb units; do
    case $verb in
        show)
            # A program that fails at once has done so by then.
            sleep 0.3
            systemctl show -p Id,LoadState,ActiveState,SubState,Result,UnitFileState $units ;;
        daemon-reload) systemctl daemon-reload || exit 4 ;;
        start | restart | reload-or-restart) systemctl reset-failed $units 2>/dev/null; systemctl "$verb" $units ;;
        *) systemctl "$verb" $units ;;
    esac </dev/null
done
exit 0
