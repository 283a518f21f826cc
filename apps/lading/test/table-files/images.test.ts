// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { imageRows } from './rows/images.ts';

compareRows('images', imageRows);
