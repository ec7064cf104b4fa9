import type { Dashboard, GraphFieldConfig } from "@grafana/schema";

/** Enumerations as JSON has them: by their values. */
type Json<T> = T extends string ? `${T}` : T extends object ? { [Key in keyof T]: Json<T[Key]> } : T;

type Panel = Json<NonNullable<Dashboard["panels"]>[number]>;

/** The schema of dashboards leaves open what a panel adds to it; that of the panels with a time axis is known. */
type Checked = Panel & { fieldConfig?: { defaults: { custom?: Json<GraphFieldConfig> } } };

export type Valid = Omit<Json<Dashboard>, "panels"> & { panels: Checked[] };
