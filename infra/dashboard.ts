import { ALARM_NAMES, alarmName } from "./alarms.ts";
import { arn, type Resources, sub } from "./cloudformation.ts";
import { type FleetMetric, NAMESPACE, QUARTER, serviceDimension } from "./metrics.ts";
import { FUNCTIONS, functionName, SERVICE, type Settings } from "./settings.ts";

/** One page: what is wrong, how long the tokens still live, and whether the guard itself is well. */
export function dashboard(settings: Settings): Resources {
  const widgets = [
    alarmStates(settings),
    graph(
      12,
      "Gateways in trouble",
      counts(settings, "Refused", "Unfixable", "Unknown", "UrgentBlocked", "RestartFailed"),
    ),
    graph(12, "Life left of the oldest token (%)", lifeLeft(settings), {
      annotations: LIMITS,
      yAxis: { left: { min: 0, max: 100 } },
    }),
    graph(12, "Gateways, and clusters with something to do", counts(settings, "Gateways", "Started", "StartFailed")),
    graph(
      12,
      "Sweeps that saw every cluster, and clusters that none saw",
      counts(settings, "SweepEnded", "SweepCompleted", "ClustersUnknown"),
    ),
    graph(8, "Invocations", lambda("Invocations", "Sum", settings)),
    graph(8, "Errors and throttles", [...lambda("Errors", "Sum", settings), ...lambda("Throttles", "Sum", settings)]),
    graph(8, "Longest duration (ms), of 900,000", lambda("Duration", "Maximum", settings)),
    graph(8, "Messages in the failure queue", [
      ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", `${SERVICE}-${settings.stage}-failures`],
    ]),
    complaints(settings),
  ];
  return {
    Dashboard: {
      Type: "AWS::CloudWatch::Dashboard",
      Properties: {
        // Dashboards have one namespace for all regions of an account.
        DashboardName: `${SERVICE}-${settings.stage}-${settings.region}`,
        DashboardBody: sub(JSON.stringify({ widgets: widgets.map((widget) => widget(settings)) })),
      },
    },
  };
}

type Widget = (settings: Settings) => object;
type Metric = readonly (string | object)[];

const graph =
  (width: number, title: string, metrics: readonly Metric[], more: object = {}): Widget =>
  ({ region }) => ({
    type: "metric",
    width,
    height: 6,
    properties: { title, region, period: QUARTER, stat: "Maximum", view: "timeSeries", metrics, ...more },
  });

function fleet(settings: Settings, name: FleetMetric, more: object = {}): Metric {
  const { Name, Value } = serviceDimension(settings);
  return [NAMESPACE, name, Name, Value, more];
}

const counts = (settings: Settings, ...names: FleetMetric[]): Metric[] => names.map((name) => fleet(settings, name));

const lifeLeft = (settings: Settings): Metric[] => [
  fleet(settings, "MinLifeLeftPercent", { label: "whole fleet", stat: "Minimum", color: "#000000" }),
  [
    {
      expression: `SEARCH('{${NAMESPACE},cluster,service} MetricName="MinLifeLeftPercent" service="${serviceDimension(settings).Value}"', 'Minimum', ${QUARTER})`,
      label: "",
    },
  ],
];

/** The clipped defaults of restartBefore and urgentBefore. */
const LIMITS = {
  horizontal: [
    { label: "routine restart", value: 33 },
    { label: "urgent restart", value: 11 },
  ],
};

const lambda = (metric: string, stat: string, settings: Settings): Metric[] =>
  FUNCTIONS.map((name) => [
    "AWS/Lambda",
    metric,
    "FunctionName",
    functionName(settings, name),
    { stat, label: `${name}: ${metric.toLowerCase()}` },
  ]);

const alarmStates =
  (settings: Settings): Widget =>
  () => ({
    type: "alarm",
    width: 24,
    height: 3,
    properties: {
      title: "Alarms",
      alarms: ALARM_NAMES.map((name) => arn("cloudwatch", `alarm:${alarmName(settings, name)}`)),
    },
  });

const complaints =
  (settings: Settings): Widget =>
  ({ region }) => {
    const groups = FUNCTIONS.map((name) => `SOURCE '/aws/lambda/${functionName(settings, name)}'`).join(" | ");
    const query = `${groups} | fields @timestamp, level, message | filter level in ["WARN", "ERROR", "CRITICAL"] | sort @timestamp desc | limit 50`;
    return {
      type: "log",
      width: 16,
      height: 6,
      properties: { title: "Latest complaints", region, query, view: "table" },
    };
  };
