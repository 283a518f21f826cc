// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { imageTransferRows } from './rows/image-transfer.ts';

compareRows('push, save and load', imageTransferRows);
