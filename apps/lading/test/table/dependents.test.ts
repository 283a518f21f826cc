// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { dependentRows } from './rows/dependents.ts';

compareRows('containers that need others', dependentRows);
