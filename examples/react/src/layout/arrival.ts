import { createContext } from "react";
import type { Location } from "react-router";

/** Where the visit began. */
export const Arrival = createContext<Location | null>(null);
