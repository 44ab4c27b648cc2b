// The levels of alarms, from the highest.

import type { Level } from "../types";

export const LEVELS: readonly Level[] = ["red", "orange", "yellow", "blue"];
