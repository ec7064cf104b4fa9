// The app of the client's own tests.
export { Authenticator } from "../../../clients/typescript/test/authenticator";
