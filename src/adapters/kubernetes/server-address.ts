/** Where an API server is, in the parts a request needs. */
export interface ServerAddress {
  readonly protocol: "http:" | "https:";
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** Path in front of `/api`, without a slash at its end: `""`, or `/k8s/clusters/c-1` behind a gateway such as Rancher's. */
  readonly basePath: string;
  /** `host:port`, the only form in which the address is shown: no user, no query. */
  readonly label: string;
}

/** The parts of a server URL, or null when it is none: another scheme, a query, a user name. */
export function parseServerAddress(server: string): ServerAddress | null {
  const url = URL.parse(server);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return null;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return null;
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return {
    protocol: url.protocol,
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    basePath: url.pathname.replace(/\/+$/, ""),
    label: `${url.hostname}:${port}`,
  };
}

/** The machine itself: what is sent to it does not cross a network. */
export const isLoopback = (address: ServerAddress): boolean =>
  address.host === "localhost" || address.host === "::1" || /^127(\.\d+){3}$/.test(address.host);
