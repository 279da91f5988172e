"""Times nanoGPT's training step and generation in PyTorch, on the CPU, and prints one line of JSON.

The model is the one that tgpt trains, written here in PyTorch's own terms: learned positions, pre-LayerNorm, fused qkv,
exact GELU, head tied to the embedding, optional biases. Data are random and fixed; nothing is learned from them.
bench/README.md says how to set PyTorch up, so that its threads are not slower than one.
"""

import argparse
import json
import math
import resource
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional

WARM_UP_SECONDS = 1.0
WARM_UP_STEPS = 5
DECODE_SECONDS = 1.0
FUSED_ATTENTION = hasattr(functional, "scaled_dot_product_attention")


class LayerNorm(nn.Module):
    """LayerNorm with an optional bias, which PyTorch's own has only from 2.1 on."""

    def __init__(self, width, bias):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width)) if bias else None

    def forward(self, x):
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias, 1e-5)


class Attention(nn.Module):
    def __init__(self, width, heads, block_size, bias):
        super().__init__()
        self.heads = heads
        self.c_attn = nn.Linear(width, 3 * width, bias=bias)
        self.c_proj = nn.Linear(width, width, bias=bias)
        future = torch.ones(block_size, block_size, dtype=torch.bool).triu(1)
        self.register_buffer("future", future, persistent=False)

    def forward(self, x):  # [B, T, C]
        B, T, C = x.shape
        # three of [B, heads, T, C / heads]
        q, k, v = (part.view(B, T, self.heads, -1).transpose(1, 2) for part in self.c_attn(x).split(C, dim=2))
        mixed = self.mix(q, k, v)  # [B, heads, T, C / heads]
        return self.c_proj(mixed.transpose(1, 2).contiguous().view(B, T, C))

    def mix(self, q, k, v):
        if FUSED_ATTENTION:
            return functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        T = q.shape[2]
        scores = q @ k.transpose(2, 3) * (1 / math.sqrt(q.shape[3]))  # [B, heads, T, T]
        return scores.masked_fill(self.future[:T, :T], -math.inf).softmax(dim=-1) @ v


class Block(nn.Module):
    def __init__(self, width, heads, block_size, bias):
        super().__init__()
        self.ln_1 = LayerNorm(width, bias)
        self.attn = Attention(width, heads, block_size, bias)
        self.ln_2 = LayerNorm(width, bias)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width, bias=bias), nn.GELU(), nn.Linear(4 * width, width, bias=bias)
        )

    def forward(self, x):  # [B, T, C]
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    def __init__(self, options):
        super().__init__()
        width = options.n_embd
        self.wte = nn.Embedding(options.vocab_size, width)
        self.wpe = nn.Embedding(options.block_size, width)
        self.h = nn.ModuleList(
            Block(width, options.n_head, options.block_size, options.bias) for _ in range(options.n_layer)
        )
        self.ln_f = LayerNorm(width, options.bias)
        for parameter in self.parameters():
            if parameter.dim() >= 2:
                nn.init.normal_(parameter, std=0.02)

    def hidden(self, ids):  # [B, T] to [B, T, C]
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        for block in self.h:
            x = block(x)
        return self.ln_f(x)

    def loss(self, ids, targets):  # both [B, T]
        logits = functional.linear(self.hidden(ids), self.wte.weight)  # [B, T, V]
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())

    def last_logits(self, ids):  # [B, T] to [B, V]
        return functional.linear(self.hidden(ids)[:, -1], self.wte.weight)


def make_optimizer(model):
    decayed = [parameter for parameter in model.parameters() if parameter.dim() >= 2]
    others = [parameter for parameter in model.parameters() if parameter.dim() < 2]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99))


def train_step(model, optimizer, ids, targets):
    """One full step; gives its seconds."""
    before = time.perf_counter()
    model.loss(ids, targets).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return time.perf_counter() - before


def time_training(model, options):
    """Seconds of each step after the warm-up."""
    shape = (options.batch_size, options.block_size)
    ids, targets = (torch.randint(options.vocab_size, shape) for _ in range(2))
    optimizer = make_optimizer(model)
    warm_up = 0.0
    for _ in range(WARM_UP_STEPS):
        warm_up += train_step(model, optimizer, ids, targets)
        if warm_up > WARM_UP_SECONDS:
            break
    return [train_step(model, optimizer, ids, targets) for _ in range(options.steps)]


def context_lengths(options):
    """From one token to a full block: all of them, or as many as were asked for, evenly spread."""
    count = min(options.decode, options.block_size)
    return [math.ceil((index + 0.5) * options.block_size / count) for index in range(count)]


@torch.no_grad()
def append_token(model, ids, block_size):
    """Generation without a cache: the whole context goes through the model for each token."""
    logits = model.last_logits(ids[:, -block_size:])
    token = torch.multinomial(logits.softmax(dim=-1), num_samples=1)
    return torch.cat((ids, token), dim=1)


def time_decoding(model, options):
    """Seconds a token: the median over passes through the context lengths."""
    model.eval()
    ids = torch.randint(options.vocab_size, (1, options.block_size))
    lengths = context_lengths(options)
    append_token(model, ids, options.block_size)
    passes = []
    while sum(passes) < DECODE_SECONDS:
        before = time.perf_counter()
        for length in lengths:
            append_token(model, ids[:, :length], options.block_size)
        passes.append(time.perf_counter() - before)
    return statistics.median(passes) / len(lengths)


def peak_memory_bytes():
    """Of this process alone: getrusage on Linux also counts the program that started it."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return 1024 * next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def loaded_blas():
    """The folder of the OpenBLAS in use, if there is one. It names the kind of threads, on which speed depends much."""
    try:
        with open("/proc/self/maps", encoding="utf-8") as maps:
            return next((line.split("/")[-2] for line in maps if "/libopenblas" in line), "")
    except OSError:
        return ""


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("n-layer", "n-head", "n-embd", "block-size", "batch-size", "vocab-size", "steps", "threads"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--bias", action="store_true")
    parser.add_argument("--decode", type=int, default=0, help="tokens to decode, at most a block; 0 is none")
    return parser.parse_args()


def main():
    options = parse_options()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1337)
    model = GPT(options)
    steps = time_training(model, options)
    decoding = {"decodeTokensPerSecond": 1 / time_decoding(model, options)} if options.decode > 0 else {}
    median = statistics.median(steps)
    result = {
        "torch": torch.__version__,
        "blas": loaded_blas(),
        "fusedAttention": FUSED_ATTENTION,
        "threads": torch.get_num_threads(),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "millisecondsPerStep": 1000 * median,
        "minMillisecondsPerStep": 1000 * min(steps),
        "tokensPerSecond": options.batch_size * options.block_size / median,
        **decoding,
        "peakMemoryBytes": peak_memory_bytes(),
    }
    print(json.dumps(result))


main()
