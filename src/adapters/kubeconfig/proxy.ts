import { GuardError } from "../../model/errors.ts";
import { isLoopback, parseServerAddress } from "../kubernetes/server-address.ts";
import type { ProxySettings } from "../kubernetes/transport.ts";

/**
 * `proxy-url` of the cluster, else the usual environment variables, which as in kubectl do not hold for this machine itself.
 * HTTP and HTTPS proxies, by Node's own support; SOCKS is refused.
 */
export function proxySettings(
  proxyUrl: string | null | undefined,
  server: string,
  environment: Readonly<Record<string, string | undefined>>,
  place: string,
): ProxySettings | null {
  if (proxyUrl) {
    const proxy = usable(proxyUrl, `proxy-url of ${place}`);
    return { HTTPS_PROXY: proxy, HTTP_PROXY: proxy };
  }
  const address = parseServerAddress(server);
  if (address === null || isLoopback(address)) return null;
  const name = address.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const value = environment[name] || environment[name.toLowerCase()];
  if (!value) return null;
  const exceptions = environment.NO_PROXY || environment.no_proxy;
  return { [name]: usable(value, name), ...(exceptions ? { NO_PROXY: exceptions } : {}) };
}

/** Its value is not quoted: it may hold a password. */
function usable(url: string, place: string): string {
  const protocol = URL.parse(url)?.protocol;
  if (protocol !== "http:" && protocol !== "https:") {
    throw new GuardError(
      "BadKubeconfig",
      `${place} must be an http:// or https:// URL; other proxies are not supported.`,
    );
  }
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major === 24 && minor < 5) {
    throw new GuardError("BadKubeconfig", `${place} needs Node.js 24.5 or newer; this is ${process.versions.node}.`);
  }
  return url;
}
