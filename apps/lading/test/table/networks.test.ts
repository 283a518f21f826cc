// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { listedNetworks, networkRows } from './rows/networks.ts';

compareRows('networks', networkRows, { before: listedNetworks });
