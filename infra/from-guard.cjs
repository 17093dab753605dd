/**
 * The part of the stack that follows from guard.yml. Called by serverless.yml, which can load CommonJS in every version of the
 * framework; the work is done in stack.ts.
 */
module.exports = async ({ resolveVariable }) => {
  // What is taken down needs no permissions, and must not depend on a guard.yml that is right.
  if (process.argv[2] === "remove") return {};
  const { stackFor } = await import("./stack.ts");
  const param = (name) => resolveVariable(`param:${name}`);
  return stackFor("dist/functions", {
    stage: await resolveVariable("sls:stage"),
    region: await resolveVariable("self:provider.region"),
    alarmEmail: String(await param("alarmEmail")),
    sweepMinutes: Number(await param("sweepMinutes")),
    remediateConcurrency: Number(await param("remediateConcurrency")),
    vpc: await resolveVariable("file(infra/network.cjs), null"),
  });
};
