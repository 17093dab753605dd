/**
 * The VPC of the functions, from two lists separated by commas; none: they run outside of any.
 *
 * Called by serverless.yml, which can load CommonJS in every version of the framework.
 */
module.exports = async ({ resolveVariable }) => {
  const list = async (name) =>
    String(await resolveVariable(`param:${name}`))
      .split(",")
      .map((id) => id.trim())
      .filter((id) => id !== "");
  const subnetIds = await list("subnetIds");
  const securityGroupIds = await list("securityGroupIds");
  return subnetIds.length + securityGroupIds.length === 0 ? null : { subnetIds, securityGroupIds };
};
