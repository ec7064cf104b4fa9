export { useDevices, useRevoke, type Revocation } from "./devices.js";
export { meterKey, useMeter, usePost, usePosts } from "./posts.js";
export { TollgateProvider, useTollgate } from "./provider.js";
export { sessionKey, useLogin, useLogout, useRegister, useSession } from "./session.js";
