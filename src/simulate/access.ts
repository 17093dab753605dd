import { grantedPermissions } from "../manifests/permissions.ts";
import { toAskWhetherIMay, toAskWhetherMayList, toPatch } from "../model/asked.ts";
import { type Permission, read, unread } from "../model/read.ts";
import type { Access } from "../ports.ts";
import { failure } from "./refusals.ts";
import { getWorkload } from "./revisions.ts";
import { grantKey, type SimulatedState } from "./state.ts";

/** The guard's identity has what the manifests grant to who restarts, in all namespaces, and is confined as they confine it. */
export function simulatedAccess(state: SimulatedState): Access {
  const { refusals, guard } = state;
  return {
    mayList: async ({ namespace, serviceAccount }, resource) => {
      const asked = toAskWhetherMayList(namespace, serviceAccount, resource);
      const refused = refusals.find({ call: "mayList", asked, namespace, name: serviceAccount });
      if (refused !== null) return unread(refused);
      return read(state.mayList.has(grantKey(namespace, serviceAccount, resource)));
    },
    iMay: async (permission) => {
      const { namespace } = permission;
      const refused = refusals.find({ call: "iMay", asked: toAskWhetherIMay(permission), namespace });
      if (refused !== null) return unread(refused);
      const granted = [...grantedPermissions("restart", []), ...guard.granted].some((one) => includes(one, permission));
      return read(granted && !refusals.lacks(permission));
    },
    tryRelabel: async (ref) => {
      const { kind, namespace, name } = ref;
      const asked = toPatch(ref);
      const refused = refusals.find({ call: "tryRelabel", asked, namespace, name });
      if (refused !== null) return unread(refused);
      if (getWorkload(state, kind, namespace, name) === null) return unread(failure("NotFound", asked));
      return guard.confined ? unread(failure("Forbidden", asked)) : read(null);
    },
  };
}

const includes = (granted: Permission, wanted: Permission): boolean =>
  granted.verb === wanted.verb &&
  granted.resource === wanted.resource &&
  (granted.namespace === null || granted.namespace === wanted.namespace);
