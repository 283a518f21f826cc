// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { dependentRows } from './rows/dependents.ts';
import { latestRows } from './rows/latest.ts';

compareRows('containers that need others, and the latest ones', [...latestRows, ...dependentRows]);
