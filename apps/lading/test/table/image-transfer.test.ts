// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { imageTransferRows } from './rows/image-transfer.ts';
import { loginRows } from './rows/login.ts';

compareRows('push, save, load and login', [...imageTransferRows, ...loginRows]);
