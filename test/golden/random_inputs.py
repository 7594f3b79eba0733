"""Random inputs for every example, in the ranges the .dsf files declare.

Small and odd sizes, with and without heads, with and without initial states.
"""

import numpy as np

B, T, H, K, V, D, N = 2, 37, 3, 6, 5, 7, 4


class Draw:
    """Draws tensors; `lead` is what precedes a per-step tensor's own axes."""

    def __init__(self, seed, heads):
        self.rng = np.random.default_rng(seed)
        self.heads = (heads,) if heads else ()

    def seq(self, *shape, within=None, heads=None):
        lead = (B, T) + (self.heads if heads is None else (heads,))
        return self.tensor(lead + shape, within)

    def param(self, *shape, within=None):
        return self.tensor(self.heads + shape, within)

    def state(self, *shape):
        return self.tensor((B,) + self.heads + shape, None)

    def unit(self, *shape):
        x = self.seq(*shape)
        return x / np.linalg.norm(x, axis=-1, keepdims=True)

    def complex(self, *shape):
        return self.param(*shape) + 1j * self.param(*shape)

    def tensor(self, shape, within):
        if within is None:
            return self.rng.standard_normal(shape)
        if within == "decay":  # (-inf, 0], mostly mild
            return -self.rng.standard_exponential(shape) * 0.5
        return self.rng.uniform(*within, shape)


def qkv(d):
    return dict(q=d.seq(K), k=d.seq(K), v=d.seq(V))


def delta(d, top):
    return dict(
        q=d.seq(K), k=d.unit(K), v=d.seq(V), beta=d.seq(within=(0, top))
    )


def cell(d, gates):
    axis = (gates,) if gates else ()
    return dict(
        Wx=d.seq(*axis, D),
        R=d.param(*axis, D, D, within=(-0.125, 0.125)),
        b=d.param(*axis, D, within=(-1, 1)),
    )


def decay(d, *shape):
    return d.seq(*shape, within="decay")


def ssm(d):
    return dict(dt_bias=d.param(D, within=(-4, 0)), Dskip=d.param(D))


def polar(d, top):
    """A diagonal transition by radius and angle."""
    return dict(
        radius=d.param(D, N, within=(0, top)),
        angle=d.param(D, N, within=(0, 3.2)), C=d.complex(D, N),
    )


MAKERS = dict(
    linear_attn=qkv,
    linear_attn_norm=lambda d: dict(
        q=d.seq(K, within=(0, 2)), k=d.seq(K, within=(0, 2)), v=d.seq(V)
    ),
    transnormer_norm=qkv,
    lightnet=qkv,
    flowformer_causal=qkv,
    retention=qkv,
    simple_gla=lambda d: qkv(d) | dict(g=decay(d)),
    gla=lambda d: qkv(d) | dict(g=decay(d, K)),
    gla_kv=lambda d: qkv(d) | dict(g=decay(d, K), gv=decay(d, V)),
    rwkv6=lambda d: dict(
        r=d.seq(K), k=d.seq(K), v=d.seq(V), u=d.param(K),
        w=d.seq(K, within=(-5, 1)),
    ),
    mamba1=lambda d: ssm(d) | dict(
        u=d.seq(D), dt=d.seq(D, within=(-2, 2)), z=d.seq(D), B=d.seq(N),
        C=d.seq(N), A=d.param(D, N, within=(-8, -0.5)),
    ),
    mamba1_neg=lambda d: MAKERS["mamba1"](d),
    mamba2=lambda d: dict(
        x=d.seq(D), dt=d.seq(within=(-2, 2)), B=d.seq(N), C=d.seq(N),
        A=d.param(within=(-16, -1)), Dskip=d.param(),
        dt_bias=d.param(within=(-4, 0)),
    ),
    s4d=lambda d: dict(
        u=d.seq(D), log_A_real=d.param(D, N, within=(-1, 1)),
        A_imag=d.param(D, N, within=(0, 10)), C=d.complex(D, N),
        log_dt=d.param(D, within=(-3, 0)), Dskip=d.param(D),
    ),
    s5=lambda d: dict(
        u=d.seq(D), log_re=d.param(N, within=(-1, 1)),
        im=d.param(N, within=(0, 10)), log_dt=d.param(N, within=(-3, 0)),
        B=d.complex(N, D), C=d.complex(D, N), Dskip=d.param(D),
    ),
    liquid_s4=lambda d: polar(d, 0.9) | dict(
        u=d.seq(D, within=(-1, 1)), b_re=d.param(D, N, within=(-0.2, 0.2)),
        b_im=d.param(D, N, within=(-0.2, 0.2)),
    ),
    h3=lambda d: polar(d, 1) | dict(
        q=d.seq(D), k=d.seq(D), v=d.seq(D), w=d.param(D, 4), Ds=d.param(D),
        Dd=d.param(D),
    ),
    dsf_ltv=lambda d: dict(
        Lambda=d.seq(N, N, within=(-0.2, 0.2)), B=d.seq(N, D),
        C=d.seq(V, N), Dskip=d.seq(V, D), u=d.seq(D),
    ),
    hippo_legs=lambda d: dict(f=d.seq(D)),
    lssl=lambda d: dict(
        u=d.seq(D), log_dt=d.param(D, within=(-5, -1)),
        C=d.param(D, V, N), Dm=d.param(D, V),
    ) | (dict(A=d.param(N, N) - 2 * np.eye(N), B=d.param(N)) if d.heads else {}),
    lru=lambda d: dict(
        u=d.seq(D), nu_log=d.param(N, within=(-4, -1)),
        theta_log=d.param(N, within=(-3, 1)), B=d.complex(N, D),
        C=d.complex(D, N), Dskip=d.param(D),
    ),
    rg_lru=lambda d: dict(
        x=d.seq(D), ra=d.seq(D), ix=d.seq(D),
        reset=(d.seq(within=(0, 1)) < 0.1).astype(float),
        Lambda=d.param(D, within=(-6, 0)),
    ),
    q_lstm=lambda d: dict(f=d.seq(D), i=d.seq(D), z=d.seq(D), og=d.seq(D)),
    gilr=lambda d: dict(v=d.seq(D), f=d.seq(D), og=d.seq(D)),
    mega_ema=lambda d: dict(
        x=d.seq(D), delta=d.param(D, N), alpha=d.param(D, N),
        beta=d.param(D, N), gamma=d.param(D, N), omega=d.param(D),
    ),
    aaren=lambda d: dict(k=d.seq(K), v=d.seq(V), q=d.param(K)),
    mlstm=lambda d: qkv(d) | dict(
        ipre=d.seq(within=(-5, 5)), fpre=d.seq(within=(-2, 6)), opre=d.seq(V)
    ),
    deltanet=lambda d: delta(d, 2),
    gated_deltanet=lambda d: delta(d, 1) | dict(g=decay(d)),
    householder_product=lambda d: dict(
        q=d.seq(K), k=d.unit(3, K), v=d.seq(3, V),
        beta=d.seq(3, within=(0, 2)), g=decay(d),
    ),
    titans_linear=lambda d: dict(
        q=d.seq(K), k=d.unit(K), v=d.seq(V), alpha=d.seq(within=(0, 1)),
        eta=d.seq(within=(0, 1)), theta=d.seq(within=(0, 1)),
    ),
    icl_sgd=lambda d: dict(x=d.unit(D), y=d.seq(V)),
    elman=lambda d: cell(d, 0),
    elman_relu=lambda d: cell(d, 0),
    lstm=lambda d: cell(d, 4),
    gru_reset_after=lambda d: cell(d, 3) | dict(b_n=d.param(D, within=(-1, 1))),
    slstm=lambda d: cell(d, 4),
)

STATES = dict(
    linear_attn=dict(S=(K, V)),
    transnormer_norm=dict(S=(K, V)),
    lightnet=dict(z=(K,), S=(K, V)),
    retention=dict(S=(K, V)),
    simple_gla=dict(S=(K, V)),
    gla=dict(S=(K, V)),
    gla_kv=dict(S=(K, V)),
    rwkv6=dict(S=(K, V)),
    mamba1=dict(h=(D, N)),
    mamba1_neg=dict(h=(D, N)),
    mamba2=dict(h=(D, N)),
    dsf_ltv=dict(h=(N,)),
    hippo_legs=dict(c=(D, 6)),
    lssl=dict(x=(D, N)),
    rg_lru=dict(h=(D,)),
    q_lstm=dict(c=(D,)),
    gilr=dict(h=(D,)),
    mega_ema=dict(h=(D, N)),
    deltanet=dict(S=(K, V)),
    gated_deltanet=dict(S=(K, V)),
    householder_product=dict(S=(K, V)),
    titans_linear=dict(M=(K, V), P=(K, V)),
    icl_sgd=dict(W=(D, V)),
    elman=dict(h=(D,)),
    lstm=dict(h=(D,), c=(D,)),
    gru_reset_after=dict(h=(D,)),
)


def cases():
    """(label, example, inputs) for every example."""
    for seed, (example, make) in enumerate(MAKERS.items()):
        for heads in (0, H):
            d = Draw(2 * seed + bool(heads), heads)
            inputs = make(d)
            label = f"{heads} heads" if heads else "no heads"
            if heads and example in STATES:
                label += ", initial states"
                for name, shape in STATES[example].items():
                    inputs[name] = d.state(*shape)
            yield label, example, inputs
