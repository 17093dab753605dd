/** The guard's requests, as the rules of a fault proxy see them. */
export const ON = {
  version: /^GET \/version/,
  deployments: /^GET \S+\/deployments\?labelSelector/,
  pods: /^GET \S+\/pods\?/,
  log: /^GET \S+\/log\?/,
  replicaSets: /^GET \S+\/replicasets\?/,
  serviceAccount: /^GET \S+\/serviceaccounts\//,
  review: /^POST \S+\/subjectaccessreviews /,
  watch: /^GET \S+[?&]watch=true/,
  claim: /^PATCH .*AboutToRestart\\",\\"result\\":null/,
  restart: /^PATCH .*restartedAt/,
  result: /^PATCH .*\\"result\\":\\"(renewed|cured)/,
  anyPatch: /^PATCH /,
  any: /^/,
} as const;
