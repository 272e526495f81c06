"""Proofs: what exactly is sent, to look at before it is approved."""

from digest.newsroom.proof.proofs import Proofs as Proofs
