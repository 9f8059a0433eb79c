// A real OpenID provider on loopback: node provider.mjs PORT REDIRECT_ORIGIN SECRET.
// Whoever signs in as "ada.executive" or "eve.head:sales,sre" has the roles after the dot.
import Provider from 'oidc-provider'

const [port, origin, secret] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`

const account = (login) => {
  const [name, roles = ''] = login.split('.')
  return {
    accountId: login,
    claims: () => ({
      sub: login,
      name: `${name} <b>of</b> the tests`,
      kpi_roles: roles.split(',').filter(Boolean),
    }),
  }
}

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'execdash',
      client_secret: secret,
      redirect_uris: [`${origin}/sign-in/callback`],
      post_logout_redirect_uris: [`${origin}/sign-in`],
    },
  ],
  claims: { openid: ['sub', 'kpi_roles'], profile: ['name'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['only for tests'] },
  findAccount: (_context, login) => account(login),
  pkce: { required: () => true },
  ttl: { Session: 600, Grant: 600, Interaction: 600, IdToken: 600, AccessToken: 600 },
})
provider.on('server_error', (_context, error) => console.error(error))
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'))
