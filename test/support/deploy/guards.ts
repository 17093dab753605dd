/** A guard.yml with every kind of cluster that a deployment tells apart, and all that needs a permission. */
export const EVERY_KIND = `
clusters:
  - name: prod
  - { name: prod-eu_2, region: eu-west-1, mode: remediate }
  - { name: virginia, region: us-east-1 }
  - { name: partner, roleArn: "arn:aws:iam::222222222222:role/apisix-token-guard" }
  - discover: { regions: [eu-central-1, eu-north-1], tags: { apisix: "true" } }
  - discover: { regions: [ap-south-1] }
    roleArn: arn:aws:iam::333333333333:role/apisix-token-guard
    readRoleArn: arn:aws:iam::333333333333:role/apisix-token-guard-read
evidence: { audit: true }
`;

/** Nothing here but a role elsewhere. */
export const ONLY_ANOTHER_ACCOUNT = `
clusters:
  - { name: partner, roleArn: "arn:aws:iam::222222222222:role/apisix-token-guard" }
`;
