/**
 * What aws-cli 1.46.3 (botocore 1.43.62) makes of `aws eks get-token` for a key that nobody has, decoded from base64. Made in Python with
 * the command's own classes and a clock that stands still, for each of the rows:
 *
 *     from awscli.botocore import session
 *     from awscli.customizations.eks.get_token import STSClientFactory, TokenGenerator
 *     from freezegun import freeze_time
 *     with freeze_time(at):
 *         s = session.get_session()
 *         s.set_credentials(accessKeyId, secretAccessKey, sessionToken)
 *         token = TokenGenerator(STSClientFactory(s).get_sts_client(region_name=region)).get_token(cluster)
 */
export const KEY = {
  accessKeyId: "AKIDEXAMPLE0000000001",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

export const VECTORS: readonly {
  readonly region: string;
  readonly cluster: string;
  readonly at: string;
  readonly sessionToken: string | null;
  readonly url: string;
}[] = [
  {
    region: "us-east-1",
    cluster: "prod",
    at: "2026-06-01T00:00:00Z",
    sessionToken: null,
    url: "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20260601%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20260601T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=f9f74097a0d09c0aeddad98d5d1b49ea6f7b9aa4e5a78be39921f0cc5249b036",
  },
  {
    region: "us-east-1",
    cluster: "prod",
    at: "2026-06-01T00:00:00Z",
    sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaDGV1LXdlc3QtMSJ+example+token/with=signs==",
    url: "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20260601%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20260601T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE%2F%2F%2F%2F%2F%2F%2F%2F%2F%2FwEaDGV1LXdlc3QtMSJ%2Bexample%2Btoken%2Fwith%3Dsigns%3D%3D&X-Amz-Signature=c6574a2e2748c846c4cf4a0dd2b066f8133d59808fa39da5e4ca0d3ee600ac76",
  },
  {
    region: "us-east-1",
    cluster: "Team_A-gateways-2",
    at: "2026-12-31T23:59:59Z",
    sessionToken: null,
    url: "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20261231%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20261231T235959Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=ce9b72e64ff4762bf0f27acbe6e34234609412d0f86387216733e6f8a2966a6d",
  },
  {
    region: "us-east-1",
    cluster: "Team_A-gateways-2",
    at: "2026-12-31T23:59:59Z",
    sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaDGV1LXdlc3QtMSJ+example+token/with=signs==",
    url: "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20261231%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20261231T235959Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE%2F%2F%2F%2F%2F%2F%2F%2F%2F%2FwEaDGV1LXdlc3QtMSJ%2Bexample%2Btoken%2Fwith%3Dsigns%3D%3D&X-Amz-Signature=fdb0ab2c011df3b143e6460733cfd4e236da25759a549fa201b9ca973af10e02",
  },
  {
    region: "eu-west-1",
    cluster: "prod",
    at: "2026-06-01T00:00:00Z",
    sessionToken: null,
    url: "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20260601%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-Date=20260601T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=a399479448229e4dee5acf8acfc0c307ab6c4315c33e77afa0da951c494f0f1a",
  },
  {
    region: "eu-west-1",
    cluster: "prod",
    at: "2026-06-01T00:00:00Z",
    sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaDGV1LXdlc3QtMSJ+example+token/with=signs==",
    url: "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20260601%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-Date=20260601T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE%2F%2F%2F%2F%2F%2F%2F%2F%2F%2FwEaDGV1LXdlc3QtMSJ%2Bexample%2Btoken%2Fwith%3Dsigns%3D%3D&X-Amz-Signature=7f4fc2576aeeadc7a58f16130e9841ca7ed859eed5b9050f8ed31ab1ea0c992a",
  },
  {
    region: "eu-west-1",
    cluster: "Team_A-gateways-2",
    at: "2026-12-31T23:59:59Z",
    sessionToken: null,
    url: "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20261231%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-Date=20261231T235959Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=20c0629964c5da1a44963d3522daf9ff075246a6898026aa35672692b1ce328b",
  },
  {
    region: "eu-west-1",
    cluster: "Team_A-gateways-2",
    at: "2026-12-31T23:59:59Z",
    sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaDGV1LXdlc3QtMSJ+example+token/with=signs==",
    url: "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20261231%2Feu-west-1%2Fsts%2Faws4_request&X-Amz-Date=20261231T235959Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE%2F%2F%2F%2F%2F%2F%2F%2F%2F%2FwEaDGV1LXdlc3QtMSJ%2Bexample%2Btoken%2Fwith%3Dsigns%3D%3D&X-Amz-Signature=f9d4c4a07fe2512b6180a36392d88b36a0ffe8f1528eb8e6d180b5ff39ac2157",
  },
  {
    region: "us-gov-west-1",
    cluster: "prod",
    at: "2026-06-01T00:00:00Z",
    sessionToken: null,
    url: "https://sts.us-gov-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20260601%2Fus-gov-west-1%2Fsts%2Faws4_request&X-Amz-Date=20260601T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=4a027a32064e9320714edb8b9acd676a3ab5936c346e1eec98b069000ca0e5d8",
  },
  {
    region: "us-gov-west-1",
    cluster: "prod",
    at: "2026-06-01T00:00:00Z",
    sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaDGV1LXdlc3QtMSJ+example+token/with=signs==",
    url: "https://sts.us-gov-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20260601%2Fus-gov-west-1%2Fsts%2Faws4_request&X-Amz-Date=20260601T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE%2F%2F%2F%2F%2F%2F%2F%2F%2F%2FwEaDGV1LXdlc3QtMSJ%2Bexample%2Btoken%2Fwith%3Dsigns%3D%3D&X-Amz-Signature=ce92cca7d9917de80256941d4d2329a8198911fe54fcd0af4e60307168f540b3",
  },
  {
    region: "us-gov-west-1",
    cluster: "Team_A-gateways-2",
    at: "2026-12-31T23:59:59Z",
    sessionToken: null,
    url: "https://sts.us-gov-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20261231%2Fus-gov-west-1%2Fsts%2Faws4_request&X-Amz-Date=20261231T235959Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=9e8b85cd533aaa6269e1b182b641f98c645fdfa9cf9042a0b66d4016180169e4",
  },
  {
    region: "us-gov-west-1",
    cluster: "Team_A-gateways-2",
    at: "2026-12-31T23:59:59Z",
    sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaDGV1LXdlc3QtMSJ+example+token/with=signs==",
    url: "https://sts.us-gov-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20261231%2Fus-gov-west-1%2Fsts%2Faws4_request&X-Amz-Date=20261231T235959Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE%2F%2F%2F%2F%2F%2F%2F%2F%2F%2FwEaDGV1LXdlc3QtMSJ%2Bexample%2Btoken%2Fwith%3Dsigns%3D%3D&X-Amz-Signature=8413f028f9dad0f6b3ae49ef612163b9661716712cbef561ecf6ca231a7383f4",
  },
  {
    region: "cn-north-1",
    cluster: "prod",
    at: "2026-06-01T00:00:00Z",
    sessionToken: null,
    url: "https://sts.cn-north-1.amazonaws.com.cn/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20260601%2Fcn-north-1%2Fsts%2Faws4_request&X-Amz-Date=20260601T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=43cbd71df2fb85bfa282e8da01d207a922ad2d6b97de47f7c02df39e08e398d5",
  },
  {
    region: "cn-north-1",
    cluster: "prod",
    at: "2026-06-01T00:00:00Z",
    sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaDGV1LXdlc3QtMSJ+example+token/with=signs==",
    url: "https://sts.cn-north-1.amazonaws.com.cn/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20260601%2Fcn-north-1%2Fsts%2Faws4_request&X-Amz-Date=20260601T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE%2F%2F%2F%2F%2F%2F%2F%2F%2F%2FwEaDGV1LXdlc3QtMSJ%2Bexample%2Btoken%2Fwith%3Dsigns%3D%3D&X-Amz-Signature=ae913fe024f698005cbc59d7cd15c8e08b616502d5f82219016b3eee28684c98",
  },
  {
    region: "cn-north-1",
    cluster: "Team_A-gateways-2",
    at: "2026-12-31T23:59:59Z",
    sessionToken: null,
    url: "https://sts.cn-north-1.amazonaws.com.cn/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20261231%2Fcn-north-1%2Fsts%2Faws4_request&X-Amz-Date=20261231T235959Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=347fe2c95952e2789c44456e36aef7b53f9bb259c27d1379f38d74044f6e928e",
  },
  {
    region: "cn-north-1",
    cluster: "Team_A-gateways-2",
    at: "2026-12-31T23:59:59Z",
    sessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaDGV1LXdlc3QtMSJ+example+token/with=signs==",
    url: "https://sts.cn-north-1.amazonaws.com.cn/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE0000000001%2F20261231%2Fcn-north-1%2Fsts%2Faws4_request&X-Amz-Date=20261231T235959Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEXAMPLE%2F%2F%2F%2F%2F%2F%2F%2F%2F%2FwEaDGV1LXdlc3QtMSJ%2Bexample%2Btoken%2Fwith%3Dsigns%3D%3D&X-Amz-Signature=055585fedd74ef580858e5608e93a216e77dfc31ba75382f4c85c190b269ea9c",
  },
];
