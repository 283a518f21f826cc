// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { listedPods, podRows } from './rows/pods.ts';

compareRows('pods', podRows, { before: listedPods });
