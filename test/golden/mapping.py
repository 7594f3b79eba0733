"""How each golden file becomes an input of an example.

Every entry maps the names of the example to arrays of the golden file: a
string names an array that is taken as it is, a function computes one from the
file's arrays (all widened to float64). `outputs` gives what outputs and final
states must be, `options` the scalar parameters.
"""

from dataclasses import dataclass, field

import numpy as np

EPS_MLSTM = 1e-6  # what the source adds to the stabilised denominator


@dataclass
class Case:
    golden: str
    example: str
    inputs: dict
    outputs: dict
    options: dict = field(default_factory=dict)
    bound: float = 1e-12  # for f64; f32 has 1e-5 or this, if it is larger
    note: str = ""


def head_gates(x):
    """[.., G, H, D] -> [.., H, G, D]"""
    return np.swapaxes(x, -3, -2)


def time_second(name):
    """[B, D, T] -> [B, T, D]"""
    return lambda g: np.swapaxes(g[name], 1, 2)


def heads_third(name):
    """[B, H, T, ..] -> [B, T, H, ..]"""
    return lambda g: np.swapaxes(g[name], 1, 2)


def final(index):
    """State `index` of a flashrnn file's [S, B, 1, H, D]."""
    return lambda g: g["final_state"][index][:, 0]


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


# The matrix-state recurrences share most names.
QKV = dict(q="q", k="k", v="v")
STATE = dict(S="initial_state")
OUT = dict(o="o", S="final_state")


def reflections(name, count):
    """[B, count T, H, ..] -> [B, T, H, count, ..]"""

    def split(g):
        x = g[name]
        x = x.reshape(x.shape[:1] + (-1, count) + x.shape[2:])
        return np.swapaxes(x, 2, 3)

    return split


def no_decay(g):
    return np.zeros(g["beta"].shape)


# flashrnn: Wx [B, T, G, H, D], R [G, H, D, D], b [G, H, D].
FLASHRNN = dict(
    Wx=lambda g: head_gates(g["Wx"]),
    R=lambda g: np.moveaxis(g["R"], 0, 1),
    b=lambda g: np.moveaxis(g["b"], 0, 1),
)

# flashrnn's elman keeps a gate axis of size 1.
FLASHRNN_ELMAN = dict(
    Wx=lambda g: g["Wx"][:, :, 0], R=lambda g: g["R"][0], b=lambda g: g["b"][0]
)

# flashrnn's GRU: rows of R and b are n (inside the reset), r, z; row 3 of b is
# n outside the reset; rows of Wx are r, z, n.
FLASHRNN_GRU = dict(
    Wx=lambda g: head_gates(g["Wx"]),
    R=lambda g: np.moveaxis(g["R"][[1, 2, 0]], 0, 1),
    b=lambda g: np.moveaxis(g["b"][[1, 2, 0]], 0, 1),
    b_n=lambda g: g["b"][3],
)


def torch_rnn(gates):
    """torch modules: time first, gates flattened, input not yet projected."""
    axis = (gates,) if gates > 1 else ()

    def project(g):
        Wx = g["x"] @ g["weight_ih_l0"].T + g["bias_ih_l0"]
        return np.swapaxes(Wx.reshape(Wx.shape[:2] + axis + (-1,)), 0, 1)

    def split(name):
        return lambda g: g[name].reshape(axis + (-1,) + g[name].shape[1:])

    return dict(
        Wx=project,
        R=split("weight_hh_l0"),
        b=split("bias_hh_l0"),
        h=lambda g: g["h0"][0],
    )


TORCH_OUT = dict(
    o=lambda g: np.swapaxes(g["o"], 0, 1), h=lambda g: g["h_final"][0]
)


def mlstm_output(g):
    """Takes the source's eps out of its denominator.

    The source divides by max(|n.q|, e^-m) + eps with its n stabilised by e^-m,
    the definition by max(|n.q|, 1): the quotient is norm / (norm + eps e^m).
    """
    q = g["q"] * g["q"].shape[-1] ** -0.5
    n, m = np.zeros(q[:, :, 0].shape), np.zeros(q.shape[:2])
    o = []
    for t in range(q.shape[2]):
        i, f = g["i"][:, :, t], sigmoid(g["f"][:, :, t])
        m = np.maximum(m + np.log(f), i)
        n = f[..., None] * n + np.exp(i)[..., None] * g["k"][:, :, t]
        norm = np.maximum(np.abs((q[:, :, t] * n).sum(-1)), 1)
        ratio = (norm + EPS_MLSTM * np.exp(m)) / norm
        o.append(g["o"][:, :, t] * ratio[..., None])
    return np.stack(o, 1)


MLSTM = dict(
    q=heads_third("q"),
    k=heads_third("k"),
    v=heads_third("v"),
    ipre=heads_third("i"),
    fpre=heads_third("f"),
    opre=lambda g: np.full(heads_third("v")(g).shape, 50.0),  # sigmoid = 1
)


def lightning_decay(g):
    """-(8 / H) h: the slope of layer 0."""
    H = g["q"].shape[2]
    return -(8 / H) * np.arange(H)


def no_rotation(g):
    return np.zeros(g["q"].shape[-1] // 2)


CASES = [
    Case("linear_attn", "linear_attn", QKV | STATE, OUT),
    Case(
        "linear_attn_normalized",
        "linear_attn_norm",
        QKV,
        dict(o="o", S="final_state", z=lambda g: g["final_z"][:, 0]),
        options=dict(eps=1e-10 * 16**0.5),
        note="q unscaled: eps grows by sqrt(K)",
    ),
    Case(
        "retention",
        "retention",
        QKV | dict(theta=no_rotation),
        dict(o="o"),
        note="source does not rotate",
    ),
    Case(
        "lightning_attn",
        "retention",
        QKV | STATE | dict(theta=no_rotation, log_gamma=lightning_decay),
        OUT,
    ),
    Case("simple_gla", "simple_gla", QKV | STATE | dict(g="g"), OUT),
    Case(
        "first_order_scan",
        "simple_gla",
        dict(
            q=lambda g: np.ones_like(time_second("tokens")(g))[..., None],
            k=lambda g: np.ones_like(time_second("tokens")(g))[..., None],
            v=lambda g: time_second("tokens")(g)[..., None],
            g=lambda g: np.log(time_second("gates")(g)),
        ),
        dict(o=lambda g: time_second("o")(g)[..., None]),
        note="channels as heads, K = V = 1",
    ),
    Case("gla", "gla", QKV | STATE | dict(g="g"), OUT),
    Case(
        "simple_gla",
        "gla",
        QKV
        | STATE
        | dict(g=lambda g: np.repeat(g["g"][..., None], g["k"].shape[-1], -1)),
        OUT,
        note="one gate for all keys",
    ),
    Case(
        "rwkv6",
        "rwkv6",
        dict(r="r", k="k", v="v", u="u", w=lambda g: np.log(-g["w"])) | STATE,
        OUT,
        options=dict(scale=16**-0.5),
        note="log decay = -exp(w)",
    ),
    Case(
        "mamba1_selective_scan",
        "mamba1",
        dict(
            u=time_second("u"),
            dt=time_second("delta"),
            z=time_second("z"),
            B=lambda g: np.swapaxes(g["B"][:, 0], 1, 2),
            C=lambda g: np.swapaxes(g["C"][:, 0], 1, 2),
            A="A",
            Dskip="D",
            dt_bias="delta_bias",
        ),
        dict(o=time_second("o"), h="final_state"),
    ),
    Case(
        "mamba2_ssd",
        "mamba2",
        dict(x="x", dt="dt", B="B", C="C", A="A", Dskip="D", dt_bias="dt_bias"),
        dict(y="o"),
        note="B, C shared by pairs of heads",
    ),
    Case(
        "hgrn",
        "rg_lru",
        dict(
            # softplus(Lambda) = 1 and c = 8: sigmoid(ra) = -g / 8.
            Lambda=lambda g: np.full(g["x"].shape[-1], np.log(np.expm1(1))),
            ra=lambda g: -np.log(-8 / g["g"] - 1),
            ix=lambda g: np.zeros_like(g["x"]),  # sigmoid = 1/2
            x=lambda g: 2 * g["x"] / np.sqrt(-np.expm1(2 * g["g"])),
            reset=lambda g: np.zeros(g["x"].shape[:2]),
            h="initial_state",
        ),
        dict(o="o", h="final_state"),
        note="gates solved for g",
    ),
    Case(
        "mlstm",
        "mlstm",
        MLSTM,
        dict(
            o=mlstm_output,
            C=lambda g: g["final_C"] * np.exp(g["final_m"])[..., None],
            n=lambda g: g["final_n"] * np.exp(g["final_m"]),
        ),
        note="eps taken out of o, e^m put into C, n",
    ),
    Case(
        "mlstm",
        "mlstm",
        MLSTM,
        dict(o=heads_third("o")),
        bound=1e-5,
        note="o with the source's eps = 1e-6",
    ),
    Case("delta_rule", "deltanet", QKV | STATE | dict(beta="beta"), OUT),
    Case(
        "delta_rule",
        "gated_deltanet",
        QKV | STATE | dict(beta="beta", g=no_decay),
        OUT,
        note="g = 0",
    ),
    Case(
        "gated_delta_rule",
        "gated_deltanet",
        QKV | STATE | dict(beta="beta", g="g"),
        OUT,
    ),
    Case(
        "gated_delta_rule",
        "householder_product",
        dict(
            q="q",
            k=reflections("k", 1),
            v=reflections("v", 1),
            beta=reflections("beta", 1),
            g="g",
        )
        | STATE,
        OUT,
        options=dict(scale=16**-0.5),
        note="R = 1",
    ),
    Case(
        "gated_delta_product",
        "householder_product",
        dict(
            q="q",
            k=reflections("k", 2),
            v=reflections("v", 2),
            beta=reflections("beta", 2),
            g="g",
        )
        | STATE,
        OUT,
        options=dict(scale=16**-0.5),
        note="R = 2",
    ),
    Case("flashrnn_elman", "elman", FLASHRNN_ELMAN, dict(o="o", h=final(0))),
    Case("torch_rnn", "elman", torch_rnn(1), TORCH_OUT),
    Case("torch_rnn_relu", "elman_relu", torch_rnn(1), TORCH_OUT),
    Case("flashrnn_lstm", "lstm", FLASHRNN, dict(o="o", h=final(0), c=final(1))),
    Case(
        "torch_lstm",
        "lstm",
        torch_rnn(4) | dict(c=lambda g: g["c0"][0]),
        TORCH_OUT | dict(c=lambda g: g["c_final"][0]),
    ),
    Case(
        "flashrnn_gru", "gru_reset_after", FLASHRNN_GRU, dict(o="o", h=final(0))
    ),
    Case(
        "torch_gru",
        "gru_reset_after",
        torch_rnn(3) | dict(b_n=lambda g: np.zeros(g["o"].shape[-1])),
        TORCH_OUT,
    ),
    Case(
        "flashrnn_slstm",
        "slstm",
        FLASHRNN,
        dict(o="o", h=final(0), c=final(1), n=final(2), m=final(3)),
    ),
]
