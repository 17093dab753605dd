import { type BlockerRule, blocker } from "./blocker.ts";

/** What goes on in other clusters: a mistake of the policy then costs one cluster, not all of them. */
export const fleetHold: BlockerRule = ({ facts: { settings }, urgent }) => {
  const { hold } = settings;
  return hold == null ? null : blocker("FleetHold", hold.why, urgent && hold.restarts === "routine");
};
