// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { manifestRows } from './rows/manifests.ts';

compareRows('lists of images', manifestRows);
