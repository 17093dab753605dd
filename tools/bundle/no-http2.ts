/**
 * Stands in for node:http2 in the functions: the SDK's clients that are used here speak HTTP/1.1, and to load HTTP/2 only to have it
 * is 6 ms of every cold start.
 */
export const constants = {};

export const connect = (): never => {
  throw new Error("The functions speak no HTTP/2.");
};

export default { constants, connect };
