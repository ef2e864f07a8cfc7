/** What commands other than `server` take from the environment. */
export const commandVariables = {
  endpoints: 'CONCLAVE_ENDPOINTS',
  user: 'CONCLAVE_USER',
  cacert: 'CONCLAVE_CACERT',
  cert: 'CONCLAVE_CERT',
  certKey: 'CONCLAVE_CERT_KEY',
} as const;
