/** What EventBridge Scheduler sends when a schedule says nothing else. */
export const SCHEDULED = {
  version: "0",
  id: "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
  "detail-type": "Scheduled Event",
  source: "aws.scheduler",
  account: "123456789012",
  time: "2026-11-27T12:00:00Z",
  region: "eu-central-1",
  resources: ["arn:aws:scheduler:eu-central-1:123456789012:schedule/default/apisix-token-guard"],
  detail: "{}",
};
