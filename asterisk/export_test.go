package asterisk

import "context"

// Offers lets the tests ask a live Asterisk for a path.
func (c *REST) Offers(ctx context.Context, path string) (bool, error) { return c.offers(ctx, path) }
