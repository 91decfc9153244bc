"""Questions kept by name."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.http.house import Reading, TheHouse
from app.http.planning import planner
from geodata.commands import saved_questions as commands
from geodata.queries.saved_questions import saved_questions
from geodata.store.db import transaction

router = APIRouter(prefix="/api/questions", tags=["planning"])


class Kept(BaseModel):
    """A name and the address of the planner's page that asks again."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200)
    address: str = Field(max_length=commands.LONGEST_ADDRESS)
    shared: bool = False


class Change(BaseModel):
    """What may be changed of a kept question."""

    model_config = ConfigDict(extra="forbid")

    shared: bool


@router.get("", summary="Questions by name")
def listed(c: Reading) -> dict[str, Any]:
    """One's own, then those that others share."""
    return {"questions": [asdict(kept) for kept in saved_questions(c, planner().id)]}


@router.post("", summary="Keep a question by name", status_code=201)
def keep(house: TheHouse, asked: Kept) -> dict[str, int]:
    """The same name again is overwritten."""
    account = planner()
    with transaction(house.engine) as c:
        return {"id": commands.save(c, account, asked.name, asked.address, shared=asked.shared)}


@router.patch("/{question_id}", summary="Share a question or keep it to oneself", status_code=204)
def change(house: TheHouse, question_id: int, asked: Change) -> None:
    """Only one's own."""
    with transaction(house.engine) as c:
        commands.share(c, planner(), question_id, shared=asked.shared)


@router.delete("/{question_id}", summary="Forget a question", status_code=204)
def delete(house: TheHouse, question_id: int) -> None:
    """Only one's own."""
    with transaction(house.engine) as c:
        commands.delete(c, planner(), question_id)
