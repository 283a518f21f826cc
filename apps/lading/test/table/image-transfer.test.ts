// SPDX-License-Identifier: Apache-2.0
import { compareRows } from './compare.ts';
import { imageTransferRows } from './rows/image-transfer.ts';
import { loginRows } from './rows/login.ts';
import { searchRows } from './rows/search.ts';
import { trustRows } from './rows/trust.ts';

compareRows('push, save, load, search, trust and login', [
  ...imageTransferRows,
  ...searchRows,
  ...trustRows,
  ...loginRows,
]);
