import { type Resources, ref } from "./cloudformation.ts";
import type { Settings } from "./settings.ts";

/** AWS asks the address for confirmation before anything is sent to it. */
export const alarmEmail = ({ alarmEmail }: Pick<Settings, "alarmEmail">): Resources =>
  alarmEmail === ""
    ? {}
    : {
        TopicEmail: {
          Type: "AWS::SNS::Subscription",
          Properties: { TopicArn: ref("Topic"), Protocol: "email", Endpoint: alarmEmail },
        },
      };
