// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { healthRows } from './rows/health.ts';

compareRows('health checks', healthRows);
