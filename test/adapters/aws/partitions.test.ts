import { STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { partitionOf, stsHost } from "../../../src/adapters/aws/partitions.ts";

/** STS' endpoint by the rules that the SDK has from AWS. */
function sdkHost(region: string): string {
  const { endpointProvider } = new STSClient({ region }).config;
  return endpointProvider({ Region: region, UseFIPS: false, UseDualStack: false, UseGlobalEndpoint: false }).url
    .hostname;
}

describe.each([
  ["us-east-1", "aws", "sts.us-east-1.amazonaws.com"],
  ["eu-west-1", "aws", "sts.eu-west-1.amazonaws.com"],
  ["ap-southeast-7", "aws", "sts.ap-southeast-7.amazonaws.com"],
  ["mx-central-1", "aws", "sts.mx-central-1.amazonaws.com"],
  ["cn-north-1", "aws-cn", "sts.cn-north-1.amazonaws.com.cn"],
  ["cn-northwest-1", "aws-cn", "sts.cn-northwest-1.amazonaws.com.cn"],
  ["us-gov-west-1", "aws-us-gov", "sts.us-gov-west-1.amazonaws.com"],
  ["us-gov-east-1", "aws-us-gov", "sts.us-gov-east-1.amazonaws.com"],
  ["us-iso-east-1", "aws-iso", "sts.us-iso-east-1.c2s.ic.gov"],
  ["us-isob-east-1", "aws-iso-b", "sts.us-isob-east-1.sc2s.sgov.gov"],
  ["eu-isoe-west-1", "aws-iso-e", "sts.eu-isoe-west-1.cloud.adc-e.uk"],
  ["us-isof-south-1", "aws-iso-f", "sts.us-isof-south-1.csp.hci.ic.gov"],
  ["eusc-de-east-1", "aws-eusc", "sts.eusc-de-east-1.amazonaws.eu"],
  ["xx-nowhere-1", "aws", "sts.xx-nowhere-1.amazonaws.com"],
])("%s", (region, partition, host) => {
  it(`belongs to ${partition}`, () => {
    expect(partitionOf(region).name).toBe(partition);
  });

  it("has the STS endpoint that the SDK would ask", () => {
    expect(stsHost(region)).toBe(host);
    expect(stsHost(region)).toBe(sdkHost(region));
  });
});
