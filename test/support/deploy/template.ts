import { readFileSync } from "node:fs";
import { type CollectionTag, parse, type ScalarTag, YAMLMap, YAMLSeq } from "yaml";

/** A compiled CloudFormation template, as far as the tests look into it. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** A template as people write it, with the short forms of functions written out. */
export const readTemplate = (path: string): Template =>
  parse(readFileSync(path, "utf8"), { customTags: [...FUNCTIONS] });

const scalar = (tag: string, resolve: (text: string) => object): ScalarTag => ({
  tag,
  resolve: (text) => resolve(text),
});

/** `!Equals [a, b]` → `Fn::Equals: [a, b]` */
const list = (name: string): CollectionTag => ({
  tag: `!${name}`,
  collection: "seq",
  resolve: (node, fail) => {
    if (!(node instanceof YAMLSeq)) fail(`!${name} takes a list`);
    const written = new YAMLMap();
    written.set(`Fn::${name}`, Object.assign(new YAMLSeq(), { items: (node as YAMLSeq).items }));
    return written;
  },
});

const FUNCTIONS: readonly (ScalarTag | CollectionTag)[] = [
  scalar("!Ref", (text) => ({ Ref: text })),
  scalar("!Sub", (text) => ({ "Fn::Sub": text })),
  scalar("!GetAtt", (text) => ({ "Fn::GetAtt": text.split(".") })),
  list("Sub"),
  list("Equals"),
];

/** With what stands in its loops among its resources, once each, as if the loop's variable had been left as it is. */
export function unrolled(template: Template): Template {
  const resources = Object.entries(template.Resources).flatMap(([id, resource]) =>
    id.startsWith("Fn::ForEach::")
      ? Object.entries((resource as unknown as readonly [unknown, unknown, object])[2])
      : [[id, resource]],
  );
  return { ...template, Resources: Object.fromEntries(resources) };
}

/** The properties of all resources of a type, by logical id. */
export const ofType = (template: Template, type: string): Record<string, TemplateResource["Properties"]> =>
  Object.fromEntries(
    Object.entries(template.Resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([id, { Properties }]) => [id, Properties]),
  );

export function propertiesOf(template: Template, id: string): TemplateResource["Properties"] {
  const resource = template.Resources[id];
  if (resource === undefined) throw new Error(`the template has no resource ${id}`);
  return resource.Properties;
}

interface Policy {
  readonly PolicyDocument: { readonly Statement: readonly Statement[] };
}

/** Of the policies in a role, and of those beside it that name it. */
export function statementsOf(template: Template, roleId: string): Statement[] {
  const beside = Object.values(ofType(template, "AWS::IAM::Policy")) as unknown as (Policy & {
    readonly Roles: readonly { readonly Ref: string }[];
  })[];
  const policies = [
    ...(propertiesOf(template, roleId).Policies as Policy[]),
    ...beside.filter(({ Roles }) => Roles.some(({ Ref }) => Ref === roleId)),
  ];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** `eks:DescribeCluster` and so on, of all roles or of those given, each once. */
export function actionsOf(template: Template, roleIds = Object.keys(ofType(template, "AWS::IAM::Role"))): string[] {
  const all = roleIds.flatMap((id) => statementsOf(template, id)).flatMap(({ Action }) => Action);
  return [...new Set(all)].sort();
}
