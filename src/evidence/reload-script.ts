/** The first line of an answer. */
export const RELOAD_MARK = "apisix-token-guard reload 1";

/**
 * What is run in a container to have its token read again: a script for any POSIX shell, with the agent that the probe found as its
 * argument. TERM ends nginx's privileged agent, which serves no client, and the master starts another at once, which reads the token
 * (seen with APISIX 3.9 and 3.12: 13 ms later, the workers untouched, nothing logged at warn).
 *
 * Sent twice it does nothing the second time: by then the agent is another one. nginx gets five seconds to start it, ten where `sleep`
 * knows no fractions.
 */
export const RELOAD_SCRIPT = `
echo '${RELOAD_MARK}'
look_at() {
  line= start= parent=
  read -r line < "/proc/$1/cmdline"
  case $line in "nginx: privileged agent process"*) ;; *) return 1 ;; esac
  read -r stat < "/proc/$1/stat" && set -- \${stat##*) } && parent=$2 start=\${20}
}
state=gone
for dir in /proc/[0-9]*; do
  pid=\${dir#/proc/}
  look_at "$pid" && [ "$start" = "$1" ] || continue
  master=$parent
  if kill -TERM "$pid"; then state=ended; else state=denied; fi
  break
done
echo "agent $state"
tries=0
while [ $state = ended ] && [ $tries -lt 10 ]; do
  for dir in /proc/[0-9]*; do
    look_at "\${dir#/proc/}" && [ "$parent" = "$master" ] && [ "$start" != "$1" ] && state=succeeded && break
  done
  [ $state = succeeded ] || { [ $tries -lt 5 ] && sleep 0.1; } || sleep 1
  tries=$((tries + 1))
done
[ $state = succeeded ] && echo succeeded
echo end
`;

/** No agent has ever started with the machine: with this the script does nothing, and shows that it could be run. */
export const NO_AGENT = 0;

/** The command that replaces this agent. */
export const reloadCommand = (agent: number): readonly string[] => ["sh", "-c", RELOAD_SCRIPT, "sh", String(agent)];

/** What became of an agent. `gone`: there is none of this start, because another one has taken its place. */
export type ReloadAnswer = "succeeded" | "gone" | "denied" | "no-successor" | "unusable";

const ANSWERS: ReadonlyMap<string, ReloadAnswer> = new Map([
  [`${RELOAD_MARK}\nagent ended\nsucceeded\nend\n`, "succeeded"],
  [`${RELOAD_MARK}\nagent ended\nend\n`, "no-successor"],
  [`${RELOAD_MARK}\nagent denied\nend\n`, "denied"],
  [`${RELOAD_MARK}\nagent gone\nend\n`, "gone"],
]);

/** Reads the script's answer, which is hostile as the probe's is. */
export const parseReload = (output: string): ReloadAnswer => ANSWERS.get(output) ?? "unusable";
