/** Values that CloudFormation puts in, and the shapes of what infra/ builds. */

export type Value = string | { readonly [call: string]: unknown };

export interface Resource {
  readonly Type: string;
  readonly Properties: object;
}

export type Resources = Readonly<Record<string, Resource>>;

/** May hold `${AWS::AccountId}` and the like. */
export const sub = (text: string): Value => ({ "Fn::Sub": text });

export const ref = (logicalId: string): Value => ({ Ref: logicalId });

export const attribute = (logicalId: string, name: string): Value => ({ "Fn::GetAtt": [logicalId, name] });

/** The ARN of something in this account; in the stack's own region unless another is given. For {@link sub}. */
export const arn = (service: string, resource: string, region = `\${AWS::Region}`): string =>
  `arn:\${AWS::Partition}:${service}:${region}:\${AWS::AccountId}:${resource}`;
