import { test } from 'node:test';
import { requestsInTests, seed, throwAtMember } from './campaign.js';
import { wildKeyRequest } from './requests.js';

test(`any well-formed request for keys gets an answer of a known shape, and does no harm (SEED=${seed})`, () =>
  throwAtMember(wildKeyRequest, requestsInTests));
