/** Stands in for the SDK's chain of credential providers in the functions: Lambda gives credentials in the environment. */
export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";
