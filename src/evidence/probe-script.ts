import { PROBE_MARK } from "./token-probe.ts";

/**
 * What is run in a container: a script for any POSIX shell (dash, busybox), with the path of the token file as its argument.
 *
 * Of the token only the middle part leaves the container, and only if it looks like a JSON Web Token, so that what is sent is no
 * credential. It never stands in the arguments or the environment of a process (an inherited
 * variable of the same name would, hence the first `unset`). Ages are told in ticks of 1/100 s since the machine
 * started (proc(5), field 22 of stat): the shell's own is there because some runtimes replace /proc/uptime by another clock.
 */
export const PROBE_SCRIPT = `
echo '${PROBE_MARK}'
unset head body rest
IFS=. read -r head body rest < "$1"
case $head.$body.$rest in eyJ*.eyJ*.?*) echo "payload $body" ;; esac
unset head rest
changed=$(date -r "$1" +%s || stat -L -c %Y "$1") && echo "changed $changed"
start_of() { read -r stat < "/proc/$1/stat" && set -- \${stat##*) } && start=\${20}; }
start_of $$ && echo "self $start"
read -r uptime rest < /proc/uptime && echo "uptime $uptime"
echo "now $(date +%s)"
for dir in /proc/[0-9]*; do
  line=
  read -r line < "$dir/cmdline"
  case $line in "nginx: privileged agent process"*) start_of "\${dir#/proc/}" && echo "agent $start" ;; esac
done
echo end
`;

/** The command that probes the token in this file. */
export const probeCommand = (tokenFile: string): readonly string[] => ["sh", "-c", PROBE_SCRIPT, "sh", tokenFile];
