import { createContext } from "react";
import type { Location } from "react-router";

export const InitialLocation = createContext<Location | null>(null);
