import { useSearchParams } from "react-router";

/** The token of the link that led here. The server rejects an empty one like any other that it does not know. */
export const useToken = () => useSearchParams()[0].get("token") ?? "";
