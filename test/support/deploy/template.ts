/** A compiled CloudFormation template, as far as the tests look into it. */
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
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

export function statementsOf(template: Template, roleId: string): Statement[] {
  const policies = propertiesOf(template, roleId).Policies as { PolicyDocument: { Statement: Statement[] } }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** `eks:DescribeCluster` and so on, of all roles or of those given, each once. */
export function actionsOf(template: Template, roleIds = Object.keys(ofType(template, "AWS::IAM::Role"))): string[] {
  const all = roleIds.flatMap((id) => statementsOf(template, id)).flatMap(({ Action }) => Action);
  return [...new Set(all)].sort();
}
